//go:build !race

package free

const underRace = false
