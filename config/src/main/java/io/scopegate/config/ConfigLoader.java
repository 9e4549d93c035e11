package io.scopegate.config;

/** Loads a YAML file into records. */
public final class ConfigLoader {
  private ConfigLoader() {}

  /** A record as it is when nothing is configured. */
  public static <R extends Record> R defaults(Class<R> type) {
    throw new UnsupportedOperationException(type.getName());
  }
}
