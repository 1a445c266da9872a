// One invocation makes one pixel.
@group(0) @binding(4) var<storage, read_write> input: array<f32>; // [n × 3 × size × size]

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= form.size || id.y >= form.size) {
    return;
  }
  let value = valueAt(id.x, id.y);
  let plane = form.size * form.size;
  let at = form.offset + id.y * form.size + id.x;
  input[at] = value.x;
  input[at + plane] = value.y;
  input[at + 2u * plane] = value.z;
}
