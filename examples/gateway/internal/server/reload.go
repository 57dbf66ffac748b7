package server

import (
	"reflect"
	"slices"
	"strings"
)

// live are the settings that change while calls are served.
var live = []string{"admin", "log-level", "log-rate", "tls-cert-file", "tls-client-ca-file", "tls-key-file"}

// reload reads the settings again, takes the live ones over, and says which of
// the others need a restart. If any setting has a fault, nothing changes.
func (s *servers) reload() {
	next, err := s.load()
	if err == nil && next.secure() && s.set.secure() {
		err = s.files.Use(next.Paths)
	}
	if err != nil {
		s.log.Error("the settings are not valid: the old ones stay in use", "error", err)
		return
	}
	var changed, waiting []string
	now := next.fields("yaml")
	for key, old := range s.set.fields("yaml") {
		switch {
		case reflect.DeepEqual(old.Interface(), now[key].Interface()) && next.contents[key] == s.set.contents[key]:
		case slices.Contains(live, key) && (!strings.HasPrefix(key, "tls-") || next.secure() && s.set.secure()):
			old.Set(now[key].Value)
			changed = append(changed, key)
		default:
			waiting = append(waiting, key)
		}
	}
	s.setAdmin(s.set.Admin)
	slices.Sort(changed)
	slices.Sort(waiting)
	s.log.Info("settings were read again", "changed", changed, "needs_restart", waiting)
	s.signals.adjust(s.set)
}
