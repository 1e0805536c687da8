package draw

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
)

// Files returns every icon file by its name in assets/icons.
func Files() map[string][]byte {
	out := map[string][]byte{"app.svg": []byte(svg)}
	for _, size := range []int{16, 32, 48, 128, 256, 512} {
		out[fmt.Sprintf("app-%d.png", size)] = encode(App(size))
	}
	out["app.ico"] = ico(App, 16, 24, 32, 48, 256)
	for s, name := range States {
		for _, size := range []int{22, 32, 48} {
			out[fmt.Sprintf("tray-%s-%d.png", name, size)] = encode(Tray(State(s), size, false))
		}
		out["tray-"+name+".ico"] = ico(func(size int) *image.NRGBA { return Tray(State(s), size, false) }, 16, 20, 24, 32, 48)
		// 44 pixels are 22 points at the scale of every current Mac.
		out["tray-"+name+"-template.png"] = encode(Tray(State(s), 44, true))
	}
	return out
}

func encode(img image.Image) []byte {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, img); err != nil {
		panic(err) // a bytes.Buffer takes all
	}
	return b.Bytes()
}

// ico packs sizes into one icon file. Images of 256 pixels are PNG, as Windows
// has read them since Vista; smaller ones are bitmaps, which LoadImage and
// every resource compiler read (ICONDIR, ICONDIRENTRY and BITMAPINFOHEADER:
// learn.microsoft.com, "Icons", winuser and wingdi).
func ico(draw func(size int) *image.NRGBA, sizes ...int) []byte {
	var dir, data bytes.Buffer
	le := binary.LittleEndian
	put := func(b *bytes.Buffer, v ...any) {
		for _, x := range v {
			_ = binary.Write(b, le, x)
		}
	}
	put(&dir, uint16(0), uint16(1), uint16(len(sizes)))
	for _, size := range sizes {
		img := draw(size)
		var body []byte
		if size >= 256 {
			body = encode(img)
		} else {
			body = bitmap(img)
		}
		offset := 6 + 16*len(sizes) + data.Len()
		put(&dir, uint8(size), uint8(size), uint8(0), uint8(0), uint16(1), uint16(32), uint32(len(body)), uint32(offset))
		data.Write(body)
	}
	return append(dir.Bytes(), data.Bytes()...)
}

// bitmap is a 32 bit DIB, bottom row first, followed by its 1 bit mask, whose
// rows are padded to four bytes. The mask stays empty: alpha decides.
func bitmap(img *image.NRGBA) []byte {
	n := img.Rect.Dx()
	var b bytes.Buffer
	for _, v := range []any{uint32(40), int32(n), int32(2 * n), uint16(1), uint16(32), [6]uint32{}} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	for y := n - 1; y >= 0; y-- {
		for x := range n {
			c := img.NRGBAAt(x, y)
			b.Write([]byte{c.B, c.G, c.R, c.A})
		}
	}
	b.Write(make([]byte, n*((n+31)/32*4)))
	return b.Bytes()
}

// svg is App's picture for whoever wants to scale it.
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
  <rect x="3" y="3" width="94" height="94" rx="20" fill="#1c8fa6"/>
  <path fill="#0d2f3a" d="M22 20h56a5 5 0 0 1 5 5v37a5 5 0 0 1-5 5H66v12a5 5 0 0 1-5 5H39a5 5 0 0 1-5-5V67H22a5 5 0 0 1-5-5V25a5 5 0 0 1 5-5z"/>
  <circle cx="50" cy="43.5" r="21" fill="#ffc53d" fill-opacity=".314"/>
  <circle cx="50" cy="43.5" r="13" fill="#ffc53d"/>
</svg>
`
