package io.scopegate.gateway.importing;

import io.scopegate.config.Nearest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command line of <a href="https://github.com/brancz/kube-rbac-proxy">kube-rbac-proxy</a> 0.21,
 * read as its own parser reads it: {@code --name=value}, {@code --name value}, {@code --switch},
 * {@code -v4}, {@code --name_with_underscores}.
 */
final class KubeRbacProxyFlags {
  private static final String VERBOSITY = "v";

  /** What takes a value. */
  private static final Set<String> TEXTS =
      Set.of(
          "auth-header-groups-field-name",
          "auth-header-groups-field-separator",
          "auth-header-user-field-name",
          "client-ca-file",
          "config-file",
          "insecure-listen-address",
          "kubeconfig",
          "log-flush-frequency",
          "oidc-ca-file",
          "oidc-clientID",
          "oidc-groups-claim",
          "oidc-groups-prefix",
          "oidc-issuer",
          "oidc-sign-alg",
          "oidc-username-claim",
          "oidc-username-prefix",
          "secure-listen-address",
          "tls-cert-file",
          "tls-min-version",
          "tls-private-key-file",
          "tls-reload-interval",
          "upstream",
          "upstream-ca-file",
          "upstream-client-cert-file",
          "upstream-client-key-file",
          "vmodule");

  /** What takes several values with commas between, or is given several times. */
  private static final Set<String> LISTS =
      Set.of("allow-paths", "auth-token-audiences", "ignore-paths", "tls-cipher-suites");

  private static final Set<String> NUMBERS =
      Set.of(
          "http2-max-concurrent-streams",
          "http2-max-size",
          "kube-api-burst",
          "kube-api-qps",
          "proxy-endpoints-port",
          VERBOSITY);

  private static final Set<String> SWITCHES =
      Set.of("auth-header-fields-enabled", "http2-disable", "upstream-force-h2c");

  /** Accepted without effect, as in kube-rbac-proxy. */
  private static final Set<String> OLD_TEXTS =
      Set.of("log-backtrace-at", "log-dir", "log-file", "log-file-max-size", "stderrthreshold");

  private static final Set<String> OLD_SWITCHES =
      Set.of(
          "add-dir-header",
          "alsologtostderr",
          "logtostderr",
          "one-output",
          "skip-headers",
          "skip-log-headers");

  private static final Set<String> YES = Set.of("1", "t", "T", "true", "TRUE", "True");
  private static final Set<String> NO = Set.of("0", "f", "F", "false", "FALSE", "False");

  private final Map<String, List<String>> values = new LinkedHashMap<>();

  private KubeRbacProxyFlags() {}

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException when it is none
   */
  static KubeRbacProxyFlags parse(List<String> arguments) {
    KubeRbacProxyFlags flags = new KubeRbacProxyFlags();
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      if (argument.startsWith("--") && argument.length() > 2) {
        flags.take(argument.substring(2), rest);
      } else if (argument.startsWith("-" + VERBOSITY)) {
        flags.verbosity(argument.substring(2), rest);
      } else if (!argument.isEmpty()) {
        throw new IllegalArgumentException(
            argument.startsWith("-")
                ? "unknown flag: " + shown(argument)
                : "unknown argument: " + shown(argument) + " (expected: flags only)");
      }
    }
    return flags;
  }

  private void verbosity(String attached, Iterator<String> rest) {
    String text = attached.startsWith("=") ? attached.substring(1) : attached;
    put(VERBOSITY, text.isEmpty() ? next(VERBOSITY, rest) : text);
  }

  private void take(String flag, Iterator<String> rest) {
    int equals = flag.indexOf('=');
    // As the flags of kube-rbac-proxy, which take both.
    String name = (equals < 0 ? flag : flag.substring(0, equals)).replace('_', '-');
    boolean isSwitch = SWITCHES.contains(name) || OLD_SWITCHES.contains(name);
    if (!isSwitch && !takesValue(name)) {
      throw new IllegalArgumentException("unknown flag: --" + shown(name) + nearest(name));
    }
    if (equals >= 0) {
      put(name, flag.substring(equals + 1));
    } else {
      put(name, isSwitch ? "true" : next(name, rest));
    }
  }

  private static boolean takesValue(String name) {
    return TEXTS.contains(name)
        || LISTS.contains(name)
        || NUMBERS.contains(name)
        || OLD_TEXTS.contains(name);
  }

  private static String next(String name, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException("--" + name + ": no value (expected: one)");
    }
    return rest.next();
  }

  private void put(String name, String value) {
    if (NUMBERS.contains(name) && !value.matches("\\d{1,9}(\\.\\d{1,9})?")) {
      throw new IllegalArgumentException("--" + name + ": not a number (expected: a number)");
    }
    boolean isSwitch = SWITCHES.contains(name) || OLD_SWITCHES.contains(name);
    if (isSwitch && !YES.contains(value) && !NO.contains(value)) {
      throw new IllegalArgumentException("--" + name + ": neither true nor false (expected: true)");
    }
    values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  private static String nearest(String name) {
    Set<String> known = new TreeSet<>();
    List.of(TEXTS, LISTS, NUMBERS, SWITCHES, OLD_TEXTS, OLD_SWITCHES).forEach(known::addAll);
    Optional<String> nearest = Nearest.to(name, known);
    return nearest.map(known1 -> " (expected: --" + known1 + ")").orElse("");
  }

  private static String shown(String text) {
    String visible = text.replaceAll("[^ -~]", "?");
    return visible.length() > 64 ? visible.substring(0, 64) + "..." : visible;
  }

  /** These flags without some of them. */
  KubeRbacProxyFlags without(Set<String> names) {
    KubeRbacProxyFlags others = new KubeRbacProxyFlags();
    values.forEach((name, given) -> {
      if (!names.contains(name)) {
        others.values.put(name, List.copyOf(given));
      }
    });
    return others;
  }

  /** The last value that was given; empty for none. */
  String text(String name) {
    List<String> given = values.getOrDefault(name, List.of());
    return given.isEmpty() ? "" : given.get(given.size() - 1);
  }

  /** The last value that was given, or this default. */
  String text(String name, String otherwise) {
    return isGiven(name) ? text(name) : otherwise;
  }

  /** All values that were given. */
  List<String> list(String name) {
    return values.getOrDefault(name, List.of()).stream()
        .flatMap(text -> List.of(text.split(",", -1)).stream())
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** Whether a switch is on. */
  boolean isOn(String name) {
    return YES.contains(text(name));
  }

  /** A number, rounded up; 0 when it is not given. */
  int number(String name) {
    return isGiven(name) ? (int) Math.ceil(Double.parseDouble(text(name))) : 0;
  }

  /** Whether it was given at all. */
  boolean isGiven(String name) {
    return values.containsKey(name);
  }

  /** The flags that have no effect, as in kube-rbac-proxy. */
  List<String> old() {
    return values.keySet().stream()
        .filter(name -> OLD_TEXTS.contains(name) || OLD_SWITCHES.contains(name))
        .toList();
  }
}
