import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/", "packages/", "test/dist/", "test/gen/"] },
  {
    files: ["src/**", "test/**"],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // node:test awaits the promises of these functions.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["suite", "test"], package: "node:test" },
          ],
        },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // A server may send a gRPC code that the enum of a library lacks.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      // The error of a success code is undefined, which fails the call too.
      "@typescript-eslint/only-throw-error": "off",
      // A stream of requests is an async generator, even without await.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
);
