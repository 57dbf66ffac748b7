import { defineConfig } from "vite";

// A gateway to develop against: make serve starts one at this address.
const gateway = process.env.CODETABLE_WEB ?? "http://127.0.0.1:8091";

export default defineConfig({
  build: {
    assetsInlineLimit: 0, // the content security policy of the gateway forbids data: in scripts
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { "/jiguang.jverification.v1.VerificationService": gateway, "/page.json": gateway },
  },
});
