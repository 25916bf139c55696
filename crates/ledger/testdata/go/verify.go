// Verifies a log with the note and tlog packages of Go's checksum database: other code, by other hands.
//
// Usage: verify FOLDER VKEY
//
// FOLDER holds a log as C2SP tlog-tiles (`checkpoint`, `tile/...`), one proof for each record (`proof/N`, C2SP tlog-proof) and
// consistency proofs (`growth/OLD-NEW`, the request of C2SP tlog-witness). Prints what was checked; any fault ends it.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads our files as Go's reader of tiles asks for them.
type tiles struct{ folder string }

func (tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := os.ReadFile(filepath.Join(t.folder, path(strconv.Itoa(tile.L), tile.N, tile.W)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// path is that of C2SP tlog-tiles; Go's own has the height of a tile in it.
func path(level string, n int64, width int) string {
	number := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		number = fmt.Sprintf("x%03d/%s", n%1000, number)
	}
	name := "tile/" + level + "/" + number
	if width < 256 {
		name += fmt.Sprintf(".p/%d", width)
	}
	return name
}

// opened is the tree of a checkpoint that the key signed. Go's ParseTree wants Go's own origin, so the lines are read here.
func opened(text []byte, verifier note.Verifier) tlog.Tree {
	signed, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	if len(signed.Sigs) != 1 {
		log.Fatalf("%d signatures of the key", len(signed.Sigs))
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		log.Fatalf("not a checkpoint of %s: %q", verifier.Name(), signed.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: root}
}

// hashes splits a proof: the number after the words, the hashes, and the checkpoint after the empty line.
func hashes(text []byte, word string) (int64, []tlog.Hash, []byte) {
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	if !found || !strings.HasPrefix(head, word) {
		log.Fatalf("not a proof: %q", text)
	}
	lines := strings.Split(strings.TrimPrefix(head, word), "\n")
	number, err := strconv.ParseInt(lines[0], 10, 64)
	check(err)
	var all []tlog.Hash
	for _, line := range lines[1:] {
		bytes, err := base64.StdEncoding.DecodeString(line)
		check(err)
		if len(bytes) != tlog.HashSize {
			log.Fatalf("a hash of %d bytes", len(bytes))
		}
		var hash tlog.Hash
		copy(hash[:], bytes)
		all = append(all, hash)
	}
	return number, all, []byte(checkpoint)
}

// records are the entries of all bundles.
func records(folder string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		bundle, err := os.ReadFile(filepath.Join(folder, path("entries", n, int(width))))
		check(err)
		for len(bundle) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	if int64(len(all)) != size {
		log.Fatalf("%d records in the bundles, %d in the checkpoint", len(all), size)
	}
	return all
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	folder := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	check(err)
	tree := opened(text, verifier)
	// The reader checks every tile that it reads against the root.
	reader := tlog.TileHashReader(tree, tiles{folder})

	for i, record := range records(folder, tree.N) {
		n, leaf := int64(i), tlog.RecordHash(record)
		text, err := os.ReadFile(filepath.Join(folder, "proof", strconv.Itoa(i)))
		check(err)
		index, proof, checkpoint := hashes(text, "c2sp.org/tlog-proof@v1\nindex ")
		if index != n || opened(checkpoint, verifier) != tree {
			log.Fatalf("the proof of record %d is of another", n)
		}
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf))
		// And the proof that Go makes of our tiles is ours.
		own, err := tlog.ProveRecord(tree.N, n, reader)
		check(err)
		if fmt.Sprint(own) != fmt.Sprint(tlog.RecordProof(proof)) {
			log.Fatalf("Go proves record %d in another way", n)
		}
	}

	growths, err := os.ReadDir(filepath.Join(folder, "growth"))
	check(err)
	for _, file := range growths {
		text, err := os.ReadFile(filepath.Join(folder, "growth", file.Name()))
		check(err)
		old, proof, checkpoint := hashes(text, "old ")
		newer := opened(checkpoint, verifier)
		older, err := tlog.TreeHash(old, reader)
		check(err)
		check(tlog.CheckTree(proof, newer.N, newer.Hash, old, older))
	}
	fmt.Printf("%d records, %d growths\n", tree.N, len(growths))
}
