import { createApp, h, reactive } from "vue";
import TransferForm from "./examples/TransferForm.vue";

/** The example below `root`: show(props) draws it or draws it anew, remove() takes it away. */
export function app(root) {
  let shown = null;
  let props = null;
  return {
    show(given) {
      if (shown) return void Object.assign(props, given);
      props = reactive({ ...given });
      shown = createApp({ render: () => h(TransferForm, props) });
      shown.mount(root);
    },
    remove() {
      shown.unmount();
      shown = null;
    },
  };
}
