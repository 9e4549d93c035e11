package io.scopegate.gateway.importing;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Variables of a Pod in the arguments of a container, {@code $(NAME)}: the kubelet replaces them,
 * so a command line from a manifest still has them. They become the variables of a configuration,
 * {@code ${NAME}}; between both a host name stands for them, so that all else can be checked.
 */
final class PodVariables {
  private static final Pattern IN_ARGUMENTS =
      Pattern.compile("\\[?\\$\\(([A-Za-z_][A-Za-z0-9_]*)\\)]?");

  private static final Pattern ADDRESS =
      Pattern.compile("address: \"?variable\\.([A-Za-z0-9_]+)\\.invalid:([0-9]+)\"?");

  private static final Pattern ELSEWHERE = Pattern.compile("variable\\.([A-Za-z0-9_]+)\\.invalid");

  private PodVariables() {}

  /** Whether there are any. */
  static boolean areIn(List<String> arguments) {
    return arguments.stream().anyMatch(one -> IN_ARGUMENTS.matcher(one).find());
  }

  /** The arguments with names that can be read as a host. */
  static List<String> hidden(List<String> arguments) {
    return arguments.stream()
        .map(one -> IN_ARGUMENTS.matcher(one).replaceAll("variable.$1.invalid"))
        .toList();
  }

  /** What was made of those, with variables again; an address in brackets fits IPv4 and IPv6. */
  static String shown(String text) {
    String addresses = ADDRESS.matcher(text).replaceAll("address: \"[\\${$1}]:$2\"");
    return ELSEWHERE.matcher(addresses).replaceAll("\\${$1}");
  }
}
