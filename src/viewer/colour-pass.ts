// The slide's canvas once more, in the colours that its profile means: every pixel through the tables of a transform, on
// the GPU, so that no tile is decoded again. The same as inSrgb, which its test compares it with.
import { EosinError } from '#errors/failure.ts';
import type { ColourTransform } from '#slide/icc/colour-transform.ts';
import { layerCanvas } from './overlay/layer-canvas.ts';

const VERTEX = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler3D;
uniform sampler2D slide;
uniform sampler2D curves; // 256 × 1
uniform sampler3D grid;   // blue, green, red
uniform ivec3 steps;      // red, green, blue
uniform bool cubed;
uniform mat4x3 toLinear;
out vec4 shown;

const vec3 WHITE = vec3(0.9642, 1.0, 0.8249);
float curve(float value, int channel) {
  return texelFetch(curves, ivec2(int(value * 255.0 + 0.5), 0), 0)[channel];
}
vec3 node(ivec3 at) {
  return texelFetch(grid, at.bgr, 0).rgb;
}
vec3 cube(vec3 root) {
  return mix((root - 16.0 / 116.0) * 108.0 / 841.0, root * root * root, greaterThan(root, vec3(24.0 / 116.0)));
}
void main() {
  vec4 stored = texelFetch(slide, ivec2(gl_FragCoord.x, float(textureSize(slide, 0).y) - gl_FragCoord.y), 0);
  vec3 place = vec3(curve(stored.r, 0), curve(stored.g, 1), curve(stored.b, 2)) * vec3(steps - 1);
  ivec3 low = min(ivec3(place), steps - 2);
  vec3 part = place - vec3(low);
  ivec3 far = part.r >= part.g && part.r >= part.b ? ivec3(1, 0, 0) : part.g >= part.b ? ivec3(0, 1, 0) : ivec3(0, 0, 1);
  ivec3 near = part.b <= part.r && part.b <= part.g ? ivec3(0, 0, 1) : part.g <= part.r ? ivec3(0, 1, 0) : ivec3(1, 0, 0);
  float most = dot(part, vec3(far));
  float least = dot(part, vec3(near));
  float middle = part.r + part.g + part.b - most - least;
  vec3 colour = node(low) * (1.0 - most) + node(low + far) * (most - middle)
    + node(low + 1 - near) * (middle - least) + node(low + 1) * least;
  vec3 linear = clamp(toLinear * vec4(cubed ? WHITE * cube(colour) : colour, 1.0), 0.0, 1.0);
  vec3 encoded = mix(1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, 12.92 * linear, lessThanEqual(linear, vec3(0.0031308)));
  shown = vec4(encoded * stored.a, stored.a);
}`;

/** Owns its canvas and GPU context until disposed. */
export class ColourPass implements Disposable {
  readonly canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  readonly #transform: ColourTransform;
  readonly #life = new AbortController();
  #slide: WebGLTexture | undefined; // undefined while the context is lost

  /**
   * @param onFrame asks for a frame, once a lost context is back
   * @throws EosinError BadInput where the browser gives no WebGL 2
   */
  constructor(parent: HTMLElement, transform: ColourTransform, onFrame: () => void) {
    this.canvas = layerCanvas(parent, 'colours');
    this.canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none'; // below the layers
    const gl = this.canvas.getContext('webgl2', { antialias: false, depth: false });
    if (!gl) {
      this.canvas.remove();
      const todo = 'The slide is shown as it is stored.';
      throw new EosinError({
        tag: 'BadInput',
        what: 'The colour profile',
        seen: 'this browser gives no WebGL 2',
        todo,
      });
    }
    this.#gl = gl;
    this.#transform = transform;
    const { signal } = this.#life;
    this.canvas.addEventListener('webglcontextlost', (event) => this.#lost(event), { signal });
    this.canvas.addEventListener('webglcontextrestored', () => this.#restored(onFrame), { signal });
    this.#slide = this.#prepare();
  }

  #lost(event: Event): void {
    event.preventDefault(); // else it does not come back
    this.#slide = undefined;
  }

  #restored(onFrame: () => void): void {
    this.#slide = this.#prepare();
    onFrame();
  }

  #prepare(): WebGLTexture {
    const gl = this.#gl;
    const program = gl.createProgram();
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(kind);
      if (!shader) continue; // the context is lost again
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
      throw new EosinError({ tag: 'Unexpected', reason: `Colours: ${gl.getProgramInfoLog(program)}` });
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's own, no hook
    gl.useProgram(program);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);

    const { curves, steps, grid, cubed, toLinear } = this.#transform;
    const [red, green, blue] = steps;
    const at = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
    for (const [unit, name] of ['slide', 'curves', 'grid'].entries()) gl.uniform1i(at(name), unit);
    gl.uniform3i(at('steps'), red, green, blue);
    gl.uniform1i(at('cubed'), cubed ? 1 : 0);
    gl.uniformMatrix4x3fv(at('toLinear'), true, toLinear);
    const slide = this.#texture(0, gl.TEXTURE_2D);
    this.#texture(1, gl.TEXTURE_2D);
    const rows = Float32Array.from({ length: 4 * 256 }, (_, k) => curves[256 * (k % 4) + (k >> 2)] ?? 0);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 256, 1, 0, gl.RGBA, gl.FLOAT, rows);
    this.#texture(2, gl.TEXTURE_3D);
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGB32F, blue, green, red, 0, gl.RGB, gl.FLOAT, grid);
    gl.activeTexture(gl.TEXTURE0);
    return slide;
  }

  #texture(unit: number, target: GLenum): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(target, texture);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, name, gl.NEAREST);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, name, gl.CLAMP_TO_EDGE);
    return texture;
  }

  /** @returns false where the GPU has lost the context: what was drawn before is then gone, too */
  draw(slide: HTMLCanvasElement): boolean {
    const gl = this.#gl;
    const { width, height } = slide;
    if (!this.#slide || width === 0 || height === 0) return false;
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    gl.viewport(0, 0, width, height);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, slide);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    return true;
  }

  [Symbol.dispose](): void {
    this.#life.abort();
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
    this.canvas.remove();
  }
}
