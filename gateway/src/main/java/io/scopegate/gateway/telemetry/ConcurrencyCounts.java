package io.scopegate.gateway.telemetry;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What is counted about the bound of one endpoint by all event loops; for any thread. */
final class ConcurrencyCounts {
  final AtomicInteger limit = new AtomicInteger();
  final AtomicInteger inFlight = new AtomicInteger();
  final AtomicInteger queued = new AtomicInteger();
  final LongAdder dropped = new LongAdder();
}
