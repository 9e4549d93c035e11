package io.scopegate.gateway.meter;

/**
 * Counts the spans of messages. It looks only as deep as the spans lie, skips the rest by its
 * length, and stops counting at the first flaw.
 */
abstract class SpanScanner extends MessageScanner {
  private long spans;

  /** Spans that began so far. */
  final long spans() {
    return spans;
  }

  /** One more span began. */
  final void found() {
    spans++;
  }
}
