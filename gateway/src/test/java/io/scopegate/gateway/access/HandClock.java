package io.scopegate.gateway.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that moves when a test turns it. */
final class HandClock implements InstantSource {
  private long millis = 1_800_000_000_000L;

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis);
  }

  @Override
  public long millis() {
    return millis;
  }

  void turn(Duration by) {
    millis += by.toMillis();
  }
}
