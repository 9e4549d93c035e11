package io.scopegate.gateway.configuration;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.EffectiveYaml;
import io.scopegate.config.Loaded;
import java.nio.charset.StandardCharsets;

/**
 * A configuration is read, or every problem of it is one line; what is printed of one that was read
 * is read again. Files that it names are not looked at.
 */
public final class ConfigurationFuzz {
  private static final ConfigLoader<GatewayConfig> LOADER =
      new ConfigLoader<>(GatewayConfig.class, name -> name.equals("HOME") ? "/home/x" : null);

  private ConfigurationFuzz() {}

  /** One file. */
  public static void fuzzerTestOneInput(byte[] data) {
    Loaded<GatewayConfig> loaded = LOADER.parse("f", data);
    if (loaded.isValid() != loaded.problems().isEmpty()) {
      throw new AssertionError("valid with problems: " + loaded.problems());
    }
    if (loaded.isValid()) {
      String printed = EffectiveYaml.of(loaded.value());
      Loaded<GatewayConfig> again = LOADER.parse("f", printed.getBytes(StandardCharsets.UTF_8));
      if (!again.isValid()) {
        throw new AssertionError(again.problems() + " in what was printed:\n" + printed);
      }
    }
    loaded
        .problems()
        .forEach(problem -> {
          if (problem.toString().lines().count() != 1) {
            throw new AssertionError("not one line: " + problem);
          }
        });
  }
}
