// Who asks for animation frames, and when last. Import it before whatever keeps `requestAnimationFrame` for itself.

export const asked = { last: 0, count: 0 }; // ms of performance.now()

const request = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => {
  asked.last = performance.now();
  asked.count++;
  return request(callback);
};
