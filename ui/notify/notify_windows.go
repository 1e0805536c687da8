package notify

import (
	"fmt"
	"runtime"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
	"github.com/go-ole/go-ole"
)

const (
	// appID is our AppUserModelID: what Windows files our toasts under, and
	// the name it shows above them.
	appID = "Portlight"
	// activator is the class that Windows calls when a toast is clicked. It
	// is ours for ever: another would leave the registered one behind.
	activator = "{5B1F6C0E-3A0B-4E0D-9D57-9A1F6E2C7B34}"
)

// toaster hands toasts to Windows from one thread.
type toaster struct {
	queue
	opt Options
}

func newNotifier(opt Options) Notifier {
	t := &toaster{newQueue(), opt}
	go t.run()
	return t
}

func (t *toaster) run() {
	defer close(t.ended)
	// The library enters a COM apartment once; that is a thread's matter.
	runtime.LockOSThread()
	entered := false
	defer func() {
		if entered {
			// The class that the library registers is made of Go callbacks.
			// Leaving the apartment lets go of it while there is a Go to
			// call back; at the process's end that would be too late.
			ole.CoUninitialize()
		}
	}()
	for {
		select {
		case <-t.ctx.Done():
			return
		case x := <-t.toasts:
			if !entered {
				t.register()
				entered = true
			}
			// Without options: those would let it run PowerShell with the
			// text as a script. A test forbids them.
			if err := wintoast.Push(toastXML(x)); err != nil && t.opt.OnError != nil {
				t.opt.OnError(fmt.Errorf("notification: %w", err))
			}
		}
	}
}

// register writes who we are under HKEY_CURRENT_USER\Software\Classes, without
// which Windows drops the toasts of a program that has no Start menu entry
// (docs/notifications.md). ActivationExe stays empty: Windows shall not start a
// program when an old toast is clicked.
func (t *toaster) register() {
	err := wintoast.SetAppData(wintoast.AppData{AppID: appID, GUID: activator, IconPath: t.opt.Icon})
	if err != nil && t.opt.OnError != nil {
		t.opt.OnError(fmt.Errorf("notification: register: %w", err))
	}
	wintoast.SetActivationCallback(func(_, args string, _ []wintoast.UserData) {
		k, ok := parseLaunchArg(args)
		if ok && t.ctx.Err() == nil && t.opt.OnClick != nil {
			t.opt.OnClick(k)
		}
	})
}
