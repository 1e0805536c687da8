package view

import (
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
)

func TestSeconds(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for d, want := range map[time.Duration]string{-time.Second: "0 ms", 34 * time.Millisecond: "34 ms", 96 * time.Millisecond: "0.1 s",
		440 * time.Millisecond: "0.4 s", 9900 * time.Millisecond: "9.9 s", 12 * time.Second: "12 s", 2 * time.Minute: "2 min"} {
		if got := Seconds(d); got != want {
			t.Errorf("Seconds(%v) = %q, want %q", d, got, want)
		}
	}
}

// Every code of the engine has words of its own in every language: none shows
// itself.
func TestEveryCodeHasWords(t *testing.T) {
	for _, locale := range []string{"en_US.UTF-8", "zh_CN.UTF-8"} {
		speak(t, locale)
		seen := map[string]string{}
		check := func(code, words string) {
			t.Helper()
			if words == "" || words == code {
				t.Errorf("%s: %q has no words: %q", locale, code, words)
			}
			if other, ok := seen[words]; ok && other != code {
				t.Errorf("%s: %q and %q are both %q", locale, code, other, words)
			}
			seen[words] = code
		}
		for _, c := range []doctor.Cause{doctor.Free, doctor.FreeWithReuse, doctor.Held, doctor.HeldHidden, doctor.HeldShared, doctor.Ghost,
			doctor.HeldOtherAddress, doctor.BoundNotListen, doctor.LingeringOnly, doctor.EphemeralClient, doctor.Privileged, doctor.AddressNotLocal,
			doctor.FamilyDisabled, doctor.Container, doctor.SystemdSocket, doctor.ExcludedRange, doctor.HTTPSys, doctor.Unexplained} {
			check(string(c), Finding(&doctor.Finding{Cause: c}, doctor.Question{Port: 3000}))
		}
		for _, r := range []free.Reason{free.ReasonAlone, free.ReasonPrefork, free.ReasonWatcher, free.ReasonUnit, free.ReasonContainer, free.ReasonRelay, free.ReasonSocket, free.ReasonInherited} {
			check(string(r), Reason(&free.Choice{Reason: r}))
		}
		for _, r := range []free.Risk{free.RiskOtherUser, free.RiskOtherPorts, free.RiskRemoteClients, free.RiskService, free.RiskShares, free.RiskContainer,
			free.RiskSeveral, free.RiskComesBack, free.RiskUnseen, free.RiskConsole, free.RiskForceOnly, free.RiskDesktop} {
			check(string(r), Risks(&free.Choice{Risks: []free.Risk{r}})[0])
		}
		for _, b := range []free.Blocked{free.BlockedProtected, free.BlockedRights, free.BlockedHidden, free.BlockedKernel, free.BlockedRelay, free.BlockedManager, free.BlockedGone} {
			check(string(b), Blocked(&free.Choice{Blocked: b}))
		}
		for _, p := range []process.Protection{process.ProtectedSystem, process.ProtectedSelf, process.ProtectedAncestor, process.ProtectedCritical} {
			check("protected "+string(p), Blocked(&free.Choice{Blocked: free.BlockedProtected, Protection: p}))
		}
		for _, e := range []free.Ending{free.EndFreed, free.EndLingering, free.EndReserved, free.EndTakenAgain, free.EndStillHeld, free.EndRunning, free.EndTakenBack, free.EndDenied, free.EndNotHeld, free.EndUnproven} {
			check(string(e), Ending(&free.Final{Ending: e}, "3000"))
		}
		for _, s := range []free.Stage{free.StageChecking, free.StageAsking, free.StageForcing, free.StageProving} {
			check("stage "+string(s), Stage(free.Step{Stage: s}))
		}
		for _, b := range []doctor.BarrierKind{doctor.BarrierLoopback, doctor.BarrierOneAddr, doctor.BarrierNft, doctor.BarrierUFW, doctor.BarrierWinFw, doctor.BarrierUnpublish, doctor.BarrierWSL, doctor.BarrierUnknown} {
			check("barrier "+string(b), Barrier(doctor.Barrier{Kind: b, Certain: true}))
		}
		for _, about := range []string{"stop_unit", "find_unit", "end_process", "stop_container", "allow_low_ports", "setcap", "reserve_local", "reserve_excluded", "restart_winnat", "delete_urlacl",
			"enable_ipv6", "add_address", "allow_firewall", "publish_port"} {
			check("remedy "+about, Remedies(&doctor.Diagnosis{Remedies: []doctor.Remedy{{Kind: doctor.RemedyCommand, About: about}}})[0].Text)
		}
		for _, k := range []monitor.OriginKind{monitor.OriginTerminal, monitor.OriginIDE, monitor.OriginAgent, monitor.OriginOrphan} {
			check("gone "+string(k), Gone(monitor.Gone{Kind: k}))
		}
	}
}
