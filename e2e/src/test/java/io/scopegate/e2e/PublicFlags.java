package io.scopegate.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * How a public repository starts kube-rbac-proxy, with what differs on this machine replaced.
 *
 * @param name the repository and the file
 * @param flags as they are there
 */
record PublicFlags(String name, List<String> flags) {
  private static final String IMPORTING =
      "gateway/src/test/resources/io/scopegate/gateway/importing/";

  /** Those that can run here, one of each kind: an upstream in clear text, and no issuer. */
  static List<PublicFlags> kinds() {
    Map<String, PublicFlags> kinds = new LinkedHashMap<>();
    for (PublicFlags one : all()) {
      String flags = String.join(" ", one.flags);
      if (!flags.contains("--oidc-issuer") && !flags.contains("=https://")) {
        kinds.putIfAbsent(one.kind(), one);
      }
    }
    return List.copyOf(kinds.values());
  }

  private static List<PublicFlags> all() {
    List<PublicFlags> all = new ArrayList<>();
    String text = Scratch.read(Scratch.repository(IMPORTING + "kube-rbac-proxy-invocations.txt"));
    for (String line : text.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
      if (!line.startsWith("  ")) {
        all.add(new PublicFlags(line, new ArrayList<>()));
      } else if (!line.startsWith("  * ")) {
        all.get(all.size() - 1).flags.add(line.strip());
      }
    }
    return all;
  }

  /** What decides on an answer: the flags' names, without those of logs, and which file. */
  private String kind() {
    TreeSet<String> names = new TreeSet<>();
    for (String flag : flags) {
      boolean values = flag.startsWith("--config-file") || flag.contains("-paths=");
      String name = values ? flag : flag.replaceFirst("=.*", "");
      if (!name.matches("--logtostderr|--?v|--tls-(cipher-suites|min-version)")) {
        names.add(name);
      }
    }
    return names.toString();
  }

  /** Whether it listens without TLS. */
  boolean isInsecure() {
    return flags.stream().anyMatch(flag -> flag.startsWith("--insecure-listen-address"));
  }

  /**
   * The flags for this machine.
   *
   * @param port where it listens
   * @param upstream where requests go, without a slash at the end
   * @param files by flag: certificate, key, authorities and kubeconfig
   */
  List<String> here(int port, String upstream, Map<String, Path> files) {
    List<String> here = new ArrayList<>();
    for (String flag : flags) {
      String name = flag.replaceFirst("=.*", "");
      String value = flag.substring(Math.min(flag.length(), name.length() + 1));
      String known = name.startsWith("--") ? name.replace('_', '-') : name;
      here.add(
          switch (known) {
            case "--secure-listen-address", "--insecure-listen-address" ->
                name + (value.startsWith("[") ? "=[127.0.0.1]:" : "=127.0.0.1:") + port;
            case "--upstream" -> name + "=" + upstream + value.replaceFirst("http://[^/]*", "");
            case "--config-file" ->
                name + "=" + Scratch.repository(IMPORTING + "kube-rbac-proxy-configs/" + value);
            case "--proxy-endpoints-port" -> name + "=" + FreePorts.next();
            default -> files.containsKey(known) ? name + "=" + files.get(known) : flag;
          });
    }
    if (flags.stream().noneMatch(flag -> flag.startsWith("--kubeconfig"))) {
      here.add("--kubeconfig=" + files.get("--kubeconfig"));
    }
    return here;
  }

  @Override
  public String toString() {
    return name;
  }
}
