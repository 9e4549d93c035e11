package io.scopegate.gateway.traffic;

import org.jspecify.annotations.Nullable;

/** The labels of a sample. */
public interface Labels {
  /** The value of a label; null when the sample lacks it. */
  @Nullable String value(String label);
}
