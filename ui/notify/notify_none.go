package notify

import "context"

type silent struct{}

func newNotifier(Options) Notifier { return silent{} }

func (silent) Notify(context.Context, Toast) error { return nil }
func (silent) Close() error                        { return nil }
