// Package bench measures what the gateway costs beside a plain gRPC server that
// makes the same call upstream: CPU time and allocations of the server alone, in
// one run. Each server is a process of its own; the client and the upstream are
// in the process of the benchmark, and are not counted.
package bench
