package faulty_test

import "strings"

// jsonBodies are objects with a code that is none, is that of another call, or is
// beside what must not be told.
func jsonBodies() []reply {
	list := []reply{
		{name: "no code", give: answers(200, `{"content":"@free @echo"}`), want: unintelligible},
		{name: "the code in an object", give: answers(200, `{"riskCheck":{"code":9000}}`), want: unintelligible},
		{name: "the code twice, failure first", give: answers(200, `{"code":9001,"code":9000}`), want: unintelligible},
		{name: "the code twice, success first", give: answers(200, `{"code":9000,"code":9001}`), want: unintelligible},
		{name: "the code twice, with an escape", give: answers(200, `{"code":9001,"\u0063ode":9000}`), want: unintelligible},
		{name: "the code twice, equal", give: answers(200, `{"code":9001,"code":9001}`), want: coded(9001)},
		{name: "the code in another case", give: answers(200, `{"Code":9000}`), want: unintelligible},
		{name: "the success of another call", give: answers(200, `{"code":8000,"phone":"@echo"}`), want: unintelligible},
		{name: "the success of no call", give: answers(200, `{"code":0,"content":"@free"}`), want: unintelligible},
		{name: "an unlisted code", give: answers(200, `{"code":77,"content":"@free @echo"}`), want: coded(77)},
		{name: "a negative code", give: answers(200, `{"code":-1,"content":"@free"}`), want: coded(-1)},
		{name: "the largest code", give: answers(200, `{"code":2147483647}`), want: coded(1<<31 - 1)},
		{name: "secrets beside a code of the operator", give: answers(200, `{"code":9018,"content":"@free @echo"}`), want: coded(9018)},
		{name: "secrets beside a code of the caller", give: answers(200, `{"code":9012,"content":"@free @echo"}`), want: coded(9012)},
		{name: "secrets in a field of another type", give: answers(200, `{"code":9001,"score":"@echo","tags":"@free"}`), want: coded(9001)},
		{name: "secrets for the serial", give: answers(200, `{"code":9001,"id":"@free @echo"}`), want: coded(9001)},
		{name: "secrets for the mark", give: answers(200, `{"code":9001,"exID":"@free @echo"}`), want: coded(9001)},
		{name: "secrets in unknown fields", give: answers(200, `{"code":9001,"@echo":"@free","debug":{"request":"@echo"}}`), want: coded(9001)},
		{name: "invalid UTF-8 in the text", give: answers(200, `{"code":9001,"content":"`+"\xff\xfe@free"+`"}`), want: coded(9001)},
		{name: "half a surrogate pair in the text", give: answers(200, `{"code":9001,"content":"\ud800 @free"}`), want: coded(9001)},
		{name: "line breaks in the text", give: answers(200, `{"code":9001,"content":"@free\r\ngrpc-status: 0\r\n"}`), want: coded(9001)},
		{name: "a text of a megabyte", give: answers(200, `{"code":9001,"content":"`+strings.Repeat("x", 1<<20-100)+`"}`), want: coded(9001)},
		{name: "a success with a serial of another type", give: answers(200, `{"code":9000,"id":"@free"}`), want: unintelligible},
		{name: "a success with a serial above int64", give: answers(200, `{"code":9000,"id":99999999999999999999}`), want: unintelligible},
		{name: "a success with fields of null", give: answers(200, `{"code":9000,"id":null,"exID":null,"riskCheck":null}`), want: coded(9000)},
	}
	for _, value := range []string{
		"null", "true", "false", `""`, `"success"`, `"@free"`, "{}", "[]", "[9000]", `{"code":9000}`, "9000.5", "9e3", `"9e3"`, "9000e0", "0x2328",
		`"0x2328"`, "09000", "+9000", `"+9000"`, `" 9000"`, `"9000 "`, `"9000\u0000"`, `"9,000"`, `"９０００"`, "NaN", "Infinity", "-", "1e400",
		"2147483648", "-2147483649", "4294976296", "9223372036854775808", "18446744073709560616", strings.Repeat("9", 100000),
	} {
		list = append(list, reply{name: "the code " + value[:min(len(value), 30)], give: answers(200, `{"code":`+value+`,"content":"@free"}`), want: unintelligible})
	}
	for value, number := range map[string]outcome{
		`"9001"`: coded(9001), "9001.0": coded(9001), `"009001"`: coded(9001), `"-1"`: coded(-1), "-0": unintelligible,
	} {
		list = append(list, reply{name: "the code " + value, give: answers(200, `{"code":`+value+`}`), want: number})
	}
	return list
}
