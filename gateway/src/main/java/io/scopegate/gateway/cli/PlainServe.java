package io.scopegate.gateway.cli;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code serve --config FILE} and nothing else, which is how containers start: it uses no class of
 * picocli. Those are of a version that no ahead-of-time cache takes, so that each start would read
 * and verify some 180 of them. All other command lines go through {@link ServeCommand}, which does
 * the same for this one.
 */
final class PlainServe {
  private static final String LONG = "--config";
  private static final String LONG_WITH_VALUE = LONG + "=";

  private PlainServe() {}

  /**
   * The file, when the command line is {@code serve} with a file alone; null when it is another.
   */
  static @Nullable Path file(String... args) {
    if (args.length == 0 || !args[0].equals("serve")) {
      return null;
    }
    String named =
        args.length == 3 && (args[1].equals(LONG) || args[1].equals("-c"))
            ? args[2]
            : args.length == 2 && args[1].startsWith(LONG_WITH_VALUE)
                ? args[1].substring(LONG_WITH_VALUE.length())
                : "";
    return isPlain(named) ? Path.of(named) : null;
  }

  /** Whether a parser of command lines would see a file in it and nothing else. */
  private static boolean isPlain(String named) {
    return !named.isEmpty() && "-\"'@".indexOf(named.charAt(0)) < 0;
  }

  /**
   * Serves.
   *
   * @param err where problems of the file go
   * @param gateway serves a valid configuration and returns the exit code when it has ended
   * @return the exit code
   */
  static int run(Path file, PrintWriter err, ToIntFunction<LoadedConfig> gateway) {
    try {
      LoadedConfig loaded = load(file, err);
      return loaded.isValid() ? gateway.applyAsInt(loaded) : Main.WRONG;
    } catch (RuntimeException e) {
      return Main.failed(e, err);
    }
  }

  /** Loads a file; problems go to {@code err}, one a line. */
  static LoadedConfig load(Path file, PrintWriter err) {
    return shown(LoadedConfig.load(file, System::getenv), err);
  }

  /** Shows the problems of what was loaded. */
  static LoadedConfig shown(LoadedConfig loaded, PrintWriter err) {
    loaded.problems().forEach(err::println);
    err.flush();
    return loaded;
  }
}
