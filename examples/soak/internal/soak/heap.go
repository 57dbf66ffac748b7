package soak

import (
	"runtime"
	"slices"
)

// sample is the live heap after a round, when no call is in flight.
type sample struct {
	calls float64
	bytes float64
}

// maxSamples bounds the memory of a long run. Every second one is dropped before
// there are more.
const maxSamples = 512

// heap has the samples of a run.
type heap struct{ samples []sample }

// take measures the live heap. Two collections empty each sync.Pool.
func (h *heap) take(calls uint64) uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if len(h.samples) == maxSamples {
		for i := range maxSamples / 2 {
			h.samples[i] = h.samples[2*i]
		}
		h.samples = h.samples[:maxSamples/2]
	}
	h.samples = append(h.samples, sample{float64(calls), float64(stats.HeapAlloc)})
	return stats.HeapAlloc
}

// Heap is the live heap without calls in flight, in bytes.
type Heap struct {
	Start  int64 `json:"start"`
	Middle int64 `json:"middle"`
	End    int64 `json:"end"`
	// Samples is how many rounds there were, of which the first third fills
	// caches and does not count.
	Samples int `json:"samples"`
	// PerCall is the slope of the heap over the calls, in bytes, and Growth what
	// it makes for all calls that count.
	PerCall float64 `json:"per_call"`
	Growth  int64   `json:"growth"`
}

// result judges the samples. The slope is the median of the slopes between each
// two samples (Theil-Sen), so that a few unusual samples do not change it.
func (h *heap) result() (r Heap) {
	r.Samples = len(h.samples)
	if r.Samples == 0 {
		return r
	}
	at := func(i int) int64 { return int64(h.samples[i].bytes) }
	r.Start, r.Middle, r.End = at(0), at(r.Samples/2), at(r.Samples-1)
	settled := h.samples[r.Samples/3:]
	var slopes []float64
	for i, a := range settled {
		for _, b := range settled[i+1:] {
			if b.calls > a.calls {
				slopes = append(slopes, (b.bytes-a.bytes)/(b.calls-a.calls))
			}
		}
	}
	if len(slopes) == 0 {
		return r
	}
	slices.Sort(slopes)
	r.PerCall = slopes[len(slopes)/2]
	r.Growth = int64(r.PerCall * (settled[len(settled)-1].calls - settled[0].calls))
	return r
}
