// Resample and normalise: the twin of `composed` in compose.ts, on the same taps. One invocation makes one pixel.
struct Form {
  size: u32, // px, side of what is made
  acrossCount: u32,
  downCount: u32,
  gain: vec4f,  // 1 / (255 std), per channel, times 255: a texture's values are 0 to 1
  shift: vec4f, // -mean / std
}

@group(0) @binding(0) var<uniform> form: Form;
@group(0) @binding(1) var region: texture_2d<f32>;
@group(0) @binding(2) var<storage, read> sources: array<i32>; // across [size × acrossCount], then down [size × downCount]
@group(0) @binding(3) var<storage, read> weights: array<f32>; // as sources
@group(0) @binding(4) var<storage, read_write> input: array<f32>; // [3 × size × size]

const WHITE = -1; // as in taps.ts

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= form.size || id.y >= form.size) {
    return;
  }
  let acrossAt = id.x * form.acrossCount;
  let downAt = form.size * form.acrossCount + id.y * form.downCount;
  var sum = vec3f(0.0);
  for (var j = 0u; j < form.downCount; j++) {
    let down = weights[downAt + j];
    if (down == 0.0) {
      continue;
    }
    let row = sources[downAt + j];
    if (row == WHITE) {
      sum += vec3f(down);
      continue;
    }
    var line = vec3f(0.0);
    for (var i = 0u; i < form.acrossCount; i++) {
      let across = weights[acrossAt + i];
      if (across == 0.0) {
        continue;
      }
      let column = sources[acrossAt + i];
      if (column == WHITE) {
        line += vec3f(across);
      } else {
        line += across * textureLoad(region, vec2i(column, row), 0).rgb;
      }
    }
    sum += down * line;
  }
  let value = sum * form.gain.xyz + form.shift.xyz;
  let plane = form.size * form.size;
  let at = id.y * form.size + id.x;
  input[at] = value.x;
  input[plane + at] = value.y;
  input[2u * plane + at] = value.z;
}
