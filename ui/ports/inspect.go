package ports

import (
	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/view"
)

// What follows tells and does what a user sees and does, for those who have no
// eyes: tests, and whoever asks a running window for its state.

// Mode is the switch between endpoints and all sockets.
func (p *Page) Mode() *parts.Segment { return p.mode }

// Current returns the row that is selected, nil if there is none.
func (p *Page) Current() *view.Row { return p.table.Current() }

// Rows returns the rows shown; read only.
func (p *Page) Rows() []view.Row { return p.table.Rows() }

// Tint returns the background of a row, "" for none.
func (p *Page) Tint(r *view.Row) fyne.ThemeColorName { return p.tint(r) }

// Mistake returns what is said about the filter, "" if nothing is.
func (p *Page) Mistake() string { return p.mistake.Text() }

// Note returns what is said about the row in the details, "" if nothing is.
func (p *Page) Note() string { return p.pane.Note() }

// HiddenText returns what is said about hidden rows, "" if nothing is.
func (p *Page) HiddenText() string { return p.hidden.Text() }

// ToggleHidden shows what the settings leave out, or hides it again.
func (p *Page) ToggleHidden() { p.toggleHidden() }

// Progress says how freeing the port in the details goes.
func (p *Page) Progress() *freeing.Line { return p.pane.Line() }

// LeftBehind returns what is said of servers left behind, "" if nothing is.
func (p *Page) LeftBehind() string { return p.left.Text() }

// SortBy sorts by a column, the other way round if it is already.
func (p *Page) SortBy(id string) { p.table.SortBy(id) }

// Sort returns the column sorted by.
func (p *Page) Sort() (id string, desc bool) { return p.table.Sort() }

// StateTitle returns what is shown in place of rows, "" if rows are.
func (p *Page) StateTitle() string {
	if !p.state.Visible() {
		return ""
	}
	return p.state.Title()
}

// TableOverflow returns by how much the columns are wider than the table.
func (p *Page) TableOverflow() float32 { return p.table.Overflow() }

// FocusTable puts the keyboard on the table.
func (p *Page) FocusTable() { p.table.Focus() }
