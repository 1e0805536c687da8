// Package view turns snapshots into what a person reads: rows of finished
// text, filtered and sorted, and the words for codes. It is pure – a snapshot,
// a query and a time in, rows out – and serves the window and the command line
// alike. Of Fyne it uses package lang only.
package view
