package soak

import "testing"

// TestHeap_result judges heaps of 30 rounds of 1000 calls.
func TestHeap_result(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for name, test := range map[string]struct {
		bytes func(round int) float64
		grows bool
	}{
		"steady":         {func(int) float64 { return 5 * mib }, false},
		"noisy":          {func(round int) float64 { return 5*mib + float64(round*7919%13)*10_000 }, false},
		"warm-up":        {func(round int) float64 { return float64(5+min(round, 8)) * mib }, false},
		"two peaks":      {func(round int) float64 { return 5*mib + float64(max(0, round-27))*9*mib }, false},
		"shrinks":        {func(round int) float64 { return float64(90-round) * mib }, false},
		"100 bytes":      {func(round int) float64 { return 5*mib + float64(round)*100*1000 }, true},
		"and is noisy":   {func(round int) float64 { return 5*mib + float64(round)*100*1000 + float64(round*7919%13)*10_000 }, true},
		"grows in steps": {func(round int) float64 { return 5*mib + float64(round/4)*mib }, true},
	} {
		var h heap
		for round := range 30 {
			h.samples = append(h.samples, sample{float64(round * 1000), test.bytes(round)})
		}
		if got := h.result(); (got.Growth > maxGrowth) != test.grows {
			t.Errorf("%s: grows by %d bytes, %g for each call; want a growth: %v", name, got.Growth, got.PerCall, test.grows)
		}
	}
}

// TestHeap_bounded takes more samples than a run keeps.
func TestHeap_bounded(t *testing.T) {
	t.Parallel()
	h := heap{samples: make([]sample, maxSamples)}
	h.take(7)
	if got := h.samples[len(h.samples)-1]; len(h.samples) > maxSamples || got.calls != 7 || got.bytes == 0 {
		t.Errorf("%d samples, the last one %+v; want at most %d, and that of 7 calls", len(h.samples), got, maxSamples)
	}
}

// TestHeap_empty judges a run that ended before a second round.
func TestHeap_empty(t *testing.T) {
	t.Parallel()
	var none heap
	one := heap{samples: make([]sample, 1)}
	if got := none.result(); got != (Heap{}) {
		t.Errorf("no samples give %+v", got)
	}
	if got := one.result(); got.Growth != 0 {
		t.Errorf("one sample grows by %d", got.Growth)
	}
}
