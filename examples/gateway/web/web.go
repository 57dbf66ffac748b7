// Package web is the page of the gateway: a login that shows end users what a
// failure means to them, and a reference of the response codes that tries each
// of them. Its source is TypeScript; make generate builds dist, which is
// embedded, so that a program that serves it needs Go alone.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var built embed.FS

// Info is what the page is told of the gateway that serves it.
type Info struct {
	// Simulated says that the simulator is the upstream. The page then makes
	// the tokens that an SDK makes otherwise, and can try each code.
	Simulated bool `json:"simulated"`
	// Login says that the page has the login beside the reference.
	Login bool `json:"login"`
	// Advance answers POST /simulator/advance, with which the page skips a wait
	// of the simulator. Nil leaves the path out.
	Advance http.Handler `json:"-"`
}

// The page runs its own scripts and calls its own gateway, and is no part of a
// page of somebody else's: a login is worth framing.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the page at / and its files. Any other path is a 404.
func Handler(info Info) (http.Handler, error) {
	mux := http.NewServeMux()
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(dist, name)
		if name == "index.html" {
			mux.Handle("GET /{$}", newFile(name, content))
		} else {
			mux.Handle("GET /"+name, newFile(name, content))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if info.Advance != nil {
		mux.Handle("POST /simulator/advance", info.Advance)
	}
	told, err := json.Marshal(info)
	mux.Handle("GET /page.json", newFile("page.json", told))
	return secured(mux), err
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

type file struct {
	name    string
	content []byte
	etag    string
}

func newFile(name string, content []byte) file {
	return file{name, content, fmt.Sprintf(`"%x"`, sha256.Sum256(content))}
}

// ServeHTTP implements [http.Handler].
func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("ETag", f.etag)
	header.Set("Content-Type", mediaType(f.name))
	if strings.HasPrefix(f.name, "assets/") {
		header.Set("Cache-Control", "public, max-age=31536000, immutable") // the name holds a hash of the content
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.content))
}

// mediaType does not ask the machine, whose files differ.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	default:
		return "application/octet-stream"
	}
}
