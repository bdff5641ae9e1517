// What we use of htm's standalone module with Preact (static/vendor/preact).
export type Node = object | string | number | null | undefined | boolean | Node[];
export type Ref<T> = { current: T };

export function h(type: unknown, props: object | null, ...children: unknown[]): Node;
export function html(strings: TemplateStringsArray, ...values: unknown[]): Node;
export function render(node: Node, parent: Element): void;
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((last: T) => T)) => void];
export function useEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useRef<T>(initial: T): Ref<T>;
export function useMemo<T>(make: () => T, inputs?: readonly unknown[]): T;
export function useCallback<T>(callback: T, inputs?: readonly unknown[]): T;
