//go:build race

package free

// underRace: the race detector makes every process ten times as dear.
const underRace = true
