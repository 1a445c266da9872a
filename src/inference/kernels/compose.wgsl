// Resample and normalise: the twin of `composed` in compose.ts, on the same taps. compose-f32.wgsl and compose-f16.wgsl
// follow behind it, each with the form in which the network reads its input.
struct Form {
  size: u32, // px, side of what is made
  acrossCount: u32,
  downCount: u32,
  offset: u32, // values of `input` before this patch's
  gain: vec4f,  // 1 / (255 std), per channel, times 255: a texture's values are 0 to 1
  shift: vec4f, // -mean / std
}

@group(0) @binding(0) var<uniform> form: Form;
@group(0) @binding(1) var region: texture_2d<f32>; // at least as large as the patch's region
@group(0) @binding(2) var<storage, read> sources: array<i32>; // across [size × acrossCount], then down [size × downCount]
@group(0) @binding(3) var<storage, read> weights: array<f32>; // as sources

const WHITE = -1; // as in taps.ts

fn valueAt(x: u32, y: u32) -> vec3f {
  let acrossAt = x * form.acrossCount;
  let downAt = form.size * form.acrossCount + y * form.downCount;
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
  return sum * form.gain.xyz + form.shift.xyz;
}
