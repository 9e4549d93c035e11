package io.scopegate.gateway.otlp;

/** Something that has records of one signal sent. */
public interface OtlpSource extends AutoCloseable {
  /** Sends what waits, for at most three seconds, and ends. Blocks. */
  @Override
  void close();
}
