import { mount, unmount } from "svelte";
import TransferForm from "./examples/TransferForm.svelte";

/** The example below `root`: show(props) draws it or draws it anew, remove() takes it away. */
export function app(root) {
  let shown = null;
  const props = $state({});
  return {
    show(given) {
      Object.assign(props, given);
      shown ??= mount(TransferForm, { target: root, props });
    },
    remove() {
      unmount(shown);
      shown = null;
    },
  };
}
