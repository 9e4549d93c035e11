package io.scopegate.gateway.listen;

import io.scopegate.config.HostPort;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a port could not be opened, in words instead of the system's. */
public final class BindFailure {
  /** By what the message of the JDK, and of Netty with its own prefix, holds. */
  private static final Map<String, String> WORDS =
      Map.of(
          "already in use", "it is in use",
          "Permission denied", "this process may not open it; take a port above 1023",
          "Cannot assign", "this machine has no such address",
          "family not supported", "this machine has no addresses of this kind (IPv6)");

  private BindFailure() {}

  /**
   * The failure for the author of the configuration.
   *
   * @param key the key of the address
   * @param cause what went wrong; null when nothing happened in time
   */
  public static IOException of(String key, HostPort address, @Nullable Throwable cause) {
    return new IOException(
        key + ": " + address + " (expected: a free address): " + words(cause), cause);
  }

  private static String words(@Nullable Throwable cause) {
    if (cause == null) {
      return "no answer";
    }
    String text = "" + cause.getMessage();
    return WORDS.entrySet().stream()
        .filter(known -> text.contains(known.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(text);
  }
}
