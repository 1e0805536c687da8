//go:build !cgo

package main

import "fmt"

func main() { fmt.Println("an empty window needs cgo") }
