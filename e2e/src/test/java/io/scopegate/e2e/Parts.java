package io.scopegate.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds the real parts: named in the environment, in the cache of {@code e2e/parts}, or on PATH.
 */
public final class Parts {
  private static final boolean REQUIRED =
      Boolean.parseBoolean(System.getenv().getOrDefault("SCOPEGATE_E2E_REQUIRED", "false"));

  private Parts() {}

  /**
   * The binary of a part. Without it the test is skipped, or fails where all parts are required.
   *
   * @param name the binary's name; {@code tempo-cli} is also looked for as SCOPEGATE_TEMPO_CLI
   */
  public static Path need(String name) {
    Optional<Path> found = find(name);
    String missing = "no " + name + ": see e2e/README.md (" + variable(name) + ", e2e/parts)";
    if (REQUIRED && found.isEmpty()) {
      throw new IllegalStateException(missing);
    }
    Assumptions.assumeTrue(found.isPresent(), missing);
    return found.orElseThrow();
  }

  /** Whether a part is there; where all parts are required, it has to be. */
  public static boolean has(String name) {
    return REQUIRED || find(name).isPresent();
  }

  private static Optional<Path> find(String name) {
    List<Path> candidates = new ArrayList<>();
    String named = System.getenv(variable(name));
    if (named != null) {
      candidates.add(Path.of(named));
    }
    candidates.add(cache().resolve("bin").resolve(name));
    for (String directory : (System.getenv("PATH") + ":/usr/sbin").split(":")) {
      candidates.add(Path.of(directory, name));
    }
    return candidates.stream()
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  private static Path cache() {
    String named = System.getenv("SCOPEGATE_PARTS");
    return named != null
        ? Path.of(named)
        : Path.of(System.getProperty("user.home"), ".cache", "scopegate-parts");
  }

  private static String variable(String name) {
    return "SCOPEGATE_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
