import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { TransferForm } from "./examples/TransferForm.jsx";

/** The example below `root`: show(props) draws it or draws it anew, remove() takes it away. */
export function app(root) {
  let shown = null;
  return {
    show(props) {
      shown ??= createRoot(root);
      shown.render(<StrictMode><TransferForm {...props} /></StrictMode>);
    },
    remove() {
      shown.unmount();
      shown = null;
    },
  };
}
