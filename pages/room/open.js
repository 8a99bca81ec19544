// Opens a room with the plan that is shown, and goes there: only an answer of the server can set the host's cookie.
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector('button'), said = parentElement.querySelector('p');
  button.onclick = async () => {
    button.disabled = true;
    said.textContent = '';
    try {
      const answer = await fetch(new URL('room', document.baseURI), {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ plan: data.plan }),
      });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.error ?? 'This server has no class rooms. Start the lab by app.py.');
      location.assign(new URL(`class-room?room=${told.code}`, document.baseURI));
    } catch (problem) {
      said.textContent = problem instanceof TypeError ? 'The lab is not answering. Try again.' : problem.message;
      button.disabled = false;
    }
  };
}
