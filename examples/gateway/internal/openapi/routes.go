package openapi

// Routes are the REST paths of the methods.
func Routes() map[string]string {
	const service = "/jiguang.jverification.v1.VerificationService/"
	return map[string]string{
		service + "VerifyNumber":        "/v1/numbers:verify",
		service + "QueryBusinessRisk":   "/v1/numbers:queryBusinessRisk",
		service + "ExchangeLoginToken":  "/v1/loginTokens:exchange",
		service + "CheckCaptcha":        "/v1/captchas:check",
		service + "EnableOneClickLogin": "/v1/apps:enableOneClickLogin",
	}
}
