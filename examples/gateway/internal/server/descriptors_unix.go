//go:build unix

package server

import (
	"math"
	"syscall"
)

// descriptors is how many the process may have open.
func descriptors() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxUint64
	}
	return uint64(limit.Cur) // a signed number on some systems
}
