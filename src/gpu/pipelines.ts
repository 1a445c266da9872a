import { EosinError } from '#errors/failure.ts';

/** Compute pipelines by their source. Those who ask at the same time share one compilation. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * @param code WGSL with one entry point, `main`
   * @throws EosinError Unexpected, with the line of the source that would not compile
   */
  compute(label: string, code: string): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(code);
    if (known !== undefined) return known;
    const pipeline = this.#compile(label, code);
    this.#pipelines.set(code, pipeline);
    return pipeline;
  }

  async #compile(label: string, code: string): Promise<GPUComputePipeline> {
    const module = this.#device.createShaderModule({ label, code });
    const { messages } = await module.getCompilationInfo();
    const error = messages.find(({ type }) => type === 'error');
    if (error) {
      const line = code.split('\n')[error.lineNum - 1]?.trim() ?? '';
      throw new EosinError({
        tag: 'Unexpected',
        reason: `${label}, line ${error.lineNum}: ${error.message} | ${line}`,
      });
    }
    return this.#device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'main' } });
  }
}
