// The rendering library: Preact, with htm's tagged templates. One place knows where it is.

export {
  html,
  render,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "../../vendor/preact/standalone.module.js";
