package io.scopegate.gateway.telemetry;

/**
 * What a program was built from.
 *
 * @param version the version, such as {@code 0.1.0}
 * @param commit the commit, such as {@code 3a002721abcd}, with {@code -dirty} behind it when files
 *     had been changed since; {@link #UNKNOWN} when it is not known
 */
public record BuildInfo(String version, String commit) {
  /** In place of a commit that is not known. */
  public static final String UNKNOWN = "unknown";
}
