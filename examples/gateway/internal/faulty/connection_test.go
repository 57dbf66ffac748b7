package faulty_test

import (
	"strings"
)

// connections are replies that end too early, too late or never.
func connections() []reply {
	const begun = ok + "Content-Length: 100\r\n\r\n"
	return []reply{
		{name: "closed before the request", give: func(*call) {}, want: noAnswer, none: true},
		{name: "reset within the request", give: func(c *call) {
			_, _ = c.from.Peek(1)
			c.reset()
		}, want: noAnswer, none: true},
		{name: "closed after the request", give: says(""), want: noAnswer},
		{name: "reset after the request", give: after((*call).reset), want: noAnswer},
		{name: "closed within the status line", give: says("HTTP/1.1 20"), want: unintelligible},
		{name: "closed within the header", give: says(ok + "Content-Le"), want: unintelligible},
		{name: "closed before the body", give: says(begun), want: noAnswer},
		{name: "closed within the body", give: says(begun + `{"code":9001,"content":"@free`), want: noAnswer},
		{name: "closed after a whole object", give: says(begun + `{"code":9000}`), want: noAnswer},
		{name: "reset within the header", give: then(ok, (*call).reset), want: noAnswer},
		{name: "reset within the body", give: then(begun+`{"code":9000`, (*call).reset), want: noAnswer},
		{name: "closed within a chunk", give: says(ok + "Transfer-Encoding: chunked\r\n\r\n20\r\n{"), want: noAnswer},
		{name: "closed between chunks", give: says(ok + "Transfer-Encoding: chunked\r\n\r\nd\r\n" + `{"code":9000}` + "\r\n"), want: noAnswer},
		{name: "silent after the request", give: then("", (*call).wait), want: timedOut, slow: true},
		{name: "silent within the status line", give: then("HTTP/1.1 ", (*call).wait), want: timedOut, slow: true},
		{name: "silent within the header", give: then(ok+"X-Filler: ", (*call).wait), want: timedOut, slow: true},
		{name: "silent before the body", give: then(begun, (*call).wait), want: timedOut, slow: true},
		{name: "silent within the body", give: then(begun+`{"code":9000`, (*call).wait), want: timedOut, slow: true},
		{name: "silent after a whole object", give: then(ok+"\r\n"+`{"code":9000}`, (*call).wait), want: timedOut, slow: true},
		{name: "silent after a provisional reply", give: then("HTTP/1.1 100 Continue\r\n\r\n", (*call).wait), want: timedOut, slow: true},
		{name: "silent within a chunk", give: then(ok+"Transfer-Encoding: chunked\r\n\r\n20\r\n{", (*call).wait), want: timedOut, slow: true},
		{name: "endless status line", give: then("HTTP/1.1 200 ", repeats("@free")), want: unintelligible},
		{name: "endless header line", give: then(ok+"X-Filler: ", repeats("@free")), want: unintelligible},
		{name: "endless header", give: then(ok, repeats("X-Filler: @free\r\n")), want: unintelligible},
		{name: "endless provisional replies", give: then("", repeats("HTTP/1.1 103 Early Hints\r\nLink: @free\r\n\r\n")), want: unintelligible},
		{name: "endless body", give: then(ok+"\r\n", repeats("@free ")), want: unintelligible},
		{name: "endless white space before the object", give: then(ok+"\r\n", repeats(" \n")), want: unintelligible},
		{name: "endless array", give: then(ok+"\r\n[", repeats(`"@free",`)), want: unintelligible},
		{name: "endless chunks", give: then(ok+"Transfer-Encoding: chunked\r\n\r\n", repeats("4\r\n    \r\n")), want: unintelligible},
		{name: "endless trailers", give: then(ok+"Transfer-Encoding: chunked\r\n\r\nd\r\n"+`{"code":9000}`+"\r\n0\r\n", repeats("X-Filler: @free\r\n")), want: unintelligible},
		{name: "endless chunk extension", give: then(ok+"Transfer-Encoding: chunked\r\n\r\n4;", repeats("@free")), want: unintelligible},
	}
}

// repeats joins copies of a text, so that a reply takes few system calls.
func repeats(text string) script {
	return func(c *call) { c.repeat(strings.Repeat(text, 1<<10)) }
}

// heads are replies whose beginning is not that of HTTP/1.1.
func heads() []reply {
	const closing = "Connection: close\r\n"
	const body = closing + "\r\n" + `{"code":9000}`
	return []reply{
		{name: "a greeting of SMTP", give: says("220 mail.example ESMTP @echo\r\n"), want: unintelligible},
		{name: "a greeting of SSH", give: says("SSH-2.0-@free\r\n"), want: unintelligible},
		{name: "an alert of TLS", give: says("\x15\x03\x01\x00\x02\x02\x28"), want: unintelligible},
		{name: "frames of HTTP/2", give: says("\x00\x00\x00\x04\x00\x00\x00\x00\x00"), want: unintelligible},
		{name: "zero bytes", give: says(strings.Repeat("\x00", 100)), want: unintelligible},
		{name: "a page without a header", give: says("<html>@free @echo</html>\r\n\r\n"), want: unintelligible},
		{name: "an object without a header", give: says(`{"code":9000}` + "\r\n\r\n"), want: unintelligible},
		{name: "the request", give: says("POST /@echo HTTP/1.1\r\n\r\n"), want: unintelligible},
		{name: "HTTP/0.9", give: says("HTTP/0.9 200 OK" + "\r\n" + body), want: coded(9000)},
		{name: "a version that is none", give: says("HTTP/@free 200 OK" + "\r\n" + body), want: unintelligible},
		{name: "a status that is no number", give: says("HTTP/1.1 @echo\r\n" + body), want: unintelligible},
		{name: "a status of two digits", give: says("HTTP/1.1 99 @free\r\n" + body), want: unintelligible},
		{name: "a status of four digits", give: says("HTTP/1.1 2000 @free\r\n" + body), want: unintelligible},
		{name: "a negative status", give: says("HTTP/1.1 -20 @free\r\n" + body), want: unintelligible},
		{name: "a header without a colon", give: says(ok + "@echo\r\n" + body), want: unintelligible},
		{name: "a header with a space in its name", give: says(ok + "X @free: a\r\n" + body), want: coded(9000)},
		{name: "a header with NUL", give: says(ok + "X-Free: \x00@free\r\n" + body), want: unintelligible},
		{name: "a header line that goes on", give: says(ok + " @free: a\r\n" + body), want: unintelligible},
		{name: "a header in a header", give: says(ok + "X-Free: a\r\nGrpc-Status: 0\r\nGrpc-Message: @free\r\nSet-Cookie: @echo\r\n" + body), want: coded(9000)},
		{name: "thousands of headers", give: says(ok + strings.Repeat("X: @free\r\n", 5000) + body), want: unintelligible},
		{name: "one large header", give: says(ok + "X: " + strings.Repeat("x", 64<<10) + "\r\n" + body), want: unintelligible},
		{name: "a negative length", give: says(ok + "Content-Length: -13\r\n" + body), want: unintelligible},
		{name: "a length that is no number", give: says(ok + "Content-Length: @echo\r\n" + body), want: unintelligible},
		{name: "a length above int64", give: says(ok + "Content-Length: 99999999999999999999\r\n" + body), want: unintelligible},
		{name: "two lengths", give: says(ok + "Content-Length: 13\r\nContent-Length: 14\r\n" + body), want: unintelligible},
		{name: "a length that cuts the object", give: says(ok + "Content-Length: 12\r\n" + body), want: unintelligible},
		{name: "an unknown transfer encoding", give: says(ok + "Transfer-Encoding: @free\r\n" + body), want: unintelligible},
		{name: "a chunk without a length", give: says(ok + "Transfer-Encoding: chunked\r\n\r\n@echo\r\n"), want: unintelligible},
		{name: "a chunk with a length above int64", give: says(ok + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{"), want: unintelligible},
		{name: "a chunk with a negative length", give: says(ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n{"), want: unintelligible},
		{name: "a chunk without an end of line", give: says(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}{}\r\n0\r\n\r\n"), want: unintelligible},
		{name: "a trailer that is none", give: says(ok + "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\nd\r\n" + `{"code":9000}` + "\r\n0\r\n@echo\r\n\r\n"), want: unintelligible},
		{name: "early hints before the reply", give: says("HTTP/1.1 103 Early Hints\r\nLink: @free\r\n\r\n" + ok + "Content-Length: 13\r\n" + body), want: coded(9000)},
		{name: "two replies", give: says(ok + "Content-Length: 13\r\n" + body + ok + "Content-Length: 13\r\n" + body), want: coded(9000)},
	}
}
