package faulty_test

import (
	"fmt"
	"time"
)

// statuses are replies without a code whose HTTP status decides, and those whose
// status and code differ: the code decides then.
func statuses() []reply {
	const page = "<html>@free @echo</html>"
	list := []reply{
		{name: "101 to another protocol", give: says("HTTP/1.1 101 Switching\r\nUpgrade: @free\r\nConnection: upgrade\r\n\r\n@echo"), want: unintelligible},
		{name: "204", give: says("HTTP/1.1 204 @free\r\nConnection: close\r\n\r\n"), want: unintelligible},
		{name: "204 with a body", give: says("HTTP/1.1 204 @free\r\nContent-Length: 13\r\nConnection: close\r\n\r\n" + `{"code":9000}`), want: unintelligible},
		{name: "205", give: answers(205, ""), want: unintelligible},
		{name: "206 with a part of the object", give: answers(206, `{"code":90`, "Content-Range: bytes 0-9/13"), want: unintelligible},
		{name: "304", give: says("HTTP/1.1 304 @free\r\nConnection: close\r\n\r\n"), want: unintelligible},
		{name: "307 to itself", give: answers(307, page, "Location: /v1/web/verify"), want: unintelligible},
		{name: "308 to itself", give: answers(308, page, "Location: ?"), want: unintelligible},
		{name: "307 without a place", give: answers(307, page), want: unintelligible},
		{name: "307 to a place that is none", give: answers(307, page, "Location: http://[@echo"), want: unintelligible},
		{name: "302 to a file", give: answers(302, page, "Location: file:///etc/passwd"), want: unintelligible},
		{name: "429 with a time to wait", give: answers(429, page, "Retry-After: 7"), want: waiting(noAnswer, 7*time.Second)},
		{name: "503 with a time to wait", give: answers(503, page, "Retry-After: 120"), want: waiting(noAnswer, 2*time.Minute)},
		{name: "503 with a year to wait", give: answers(503, page, "Retry-After: 31536000"), want: waiting(noAnswer, 24*time.Hour)},
		{name: "503 with a time above int64", give: answers(503, page, "Retry-After: 99999999999999999999"), want: waiting(noAnswer, 24*time.Hour)},
		{name: "503 with a negative time", give: answers(503, page, "Retry-After: -7"), want: noAnswer},
		{name: "503 with a time in the past", give: answers(503, page, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"), want: noAnswer},
		{name: "503 with a time that is none", give: answers(503, page, "Retry-After: @free"), want: noAnswer},
		{name: "500 with a success", give: answers(500, `{"code":9000}`), want: coded(9000)},
		{name: "403 with a success", give: answers(403, `{"code":9000}`), want: coded(9000)},
		{name: "200 with a failure", give: answers(200, `{"code":9001}`), want: coded(9001)},
		{name: "500 with a failure", give: answers(500, `{"code":9003,"content":"@free @echo"}`), want: coded(9003)},
		{name: "401 with another failure", give: answers(401, `{"code":9001}`, `WWW-Authenticate: Basic realm="@free"`), want: coded(9001)},
		{name: "302 with a failure", give: answers(302, `{"code":9001}`, "Location: /?@echo"), want: coded(9001)},
	}
	for status, want := range map[int]outcome{
		201: unintelligible, 202: unintelligible, 226: unintelligible,
		300: unintelligible, 301: unintelligible, 302: unintelligible, 303: unintelligible, 307: unintelligible, 308: unintelligible, 399: unintelligible,
		400: rejected, 401: rejected, 402: rejected, 403: rejected, 404: rejected, 405: rejected, 406: rejected, 407: rejected, 408: rejected,
		409: rejected, 410: rejected, 411: rejected, 413: rejected, 414: rejected, 415: rejected, 417: rejected, 418: rejected, 421: rejected,
		422: rejected, 425: rejected, 426: rejected, 428: rejected, 429: noAnswer, 431: rejected, 451: rejected, 499: rejected,
		500: unintelligible, 501: unintelligible, 502: noAnswer, 503: noAnswer, 504: noAnswer, 505: unintelligible, 507: unintelligible,
		508: unintelligible, 511: unintelligible, 520: unintelligible, 599: unintelligible, 600: unintelligible, 999: unintelligible,
	} {
		list = append(list, reply{name: fmt.Sprintf("%d with a page", status), give: answers(status, page, "Location: http://elsewhere.test/"), want: want})
	}
	return list
}
