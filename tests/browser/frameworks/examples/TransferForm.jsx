import { useState } from "react";
import "org-autocomplete";

export function TransferForm({ endpoint, saved, locked = false }) {
  const [id, setId] = useState("");
  return (
    <form action="/done">
      <label htmlFor="org">转入的组织</label>
      <org-autocomplete id="org" name="org" endpoint={endpoint} required disabled={locked} value={id}
        onorg-choose={(event) => setId(event.detail.id)} onorg-clear={() => setId("")} />
      <p>组织 ID：<output>{id}</output></p>
      <button type="button" onClick={() => setId(saved)}>用上次的组织</button>
      <button type="button" onClick={() => setId("")}>清空</button>
      <button>提交</button>
    </form>
  );
}
