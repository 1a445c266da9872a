// One invocation makes two pixels beside each other: a pair of halves is one element, so that no feature is needed to write
// them. The size is even.
@group(0) @binding(4) var<storage, read_write> input: array<u32>; // halves [n × 3 × size × size]

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = 2u * id.x;
  if (x >= form.size || id.y >= form.size) {
    return;
  }
  let left = valueAt(x, id.y);
  let right = valueAt(x + 1u, id.y);
  let plane = form.size * form.size / 2u;
  let at = (form.offset + id.y * form.size + x) / 2u;
  input[at] = pack2x16float(vec2f(left.x, right.x));
  input[at + plane] = pack2x16float(vec2f(left.y, right.y));
  input[at + 2u * plane] = pack2x16float(vec2f(left.z, right.z));
}
