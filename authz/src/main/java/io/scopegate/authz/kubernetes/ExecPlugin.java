package io.scopegate.authz.kubernetes;

import io.scopegate.authz.kubernetes.KubeconfigFiles.Entry;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A <a
 * href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins">credential
 * plug-in</a> of a kubeconfig: a program that prints an {@link ExecCredential}. It is started as it
 * stands, without a shell and without a terminal.
 *
 * @param where names it in messages
 * @param command the program
 * @param directory of the kubeconfig, which a command with a slash is relative to
 * @param arguments its arguments
 * @param environment all that it sees, {@code KUBERNETES_EXEC_INFO} included
 * @param apiVersion in which it answers
 * @param hint how to install it; may be empty
 */
record ExecPlugin(
    String where,
    String command,
    Path directory,
    List<String> arguments,
    Map<String, String> environment,
    String apiVersion,
    String hint) {
  private static final String GROUP = "client.authentication.k8s.io/";
  private static final List<String> VERSIONS = List.of(GROUP + "v1", GROUP + "v1beta1");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int MAX_HINT_LENGTH = 300;

  /** Copies the list and the map. */
  ExecPlugin {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /**
   * Reads a user's {@code exec}.
   *
   * @param cluster what the plug-in is told about with {@code provideClusterInfo}
   * @param read the same, with its files
   * @param environment this process's, which the plug-in gets too
   */
  static ExecPlugin of(Entry user, Entry cluster, Cluster read, Map<String, String> environment)
      throws ClusterAccessException {
    if (!(user.value().get("exec") instanceof Map<?, ?> exec)) {
      throw user.flaw("users: exec", "a mapping with command and apiVersion");
    }
    String command = text(exec, "command");
    String apiVersion = text(exec, "apiVersion");
    if (command == null) {
      throw user.flaw("users: exec: command", "the name or path of a program");
    }
    if (apiVersion == null || !VERSIONS.contains(apiVersion)) {
      throw user.flaw(
          "users: exec: apiVersion: " + apiVersion,
          String.join(" or ", VERSIONS) + "; a newer version of the plug-in has it");
    }
    if ("Always".equals(text(exec, "interactiveMode"))) {
      throw user.flaw(
          "users: exec: interactiveMode: Always",
          "Never or IfAvailable: there is no terminal; or a tokenFile, written with `kubectl create"
              + " token ACCOUNT -n NAMESPACE > FILE`");
    }
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(variables(user, exec));
    all.put("KUBERNETES_EXEC_INFO", info(user, exec, apiVersion, cluster, read).encode());
    return new ExecPlugin(
        "kubeconfig: " + user.file() + ": users: exec: " + command,
        command,
        Objects.requireNonNull(user.file().getParent(), "parent"),
        arguments(user, exec),
        all,
        apiVersion,
        Objects.requireNonNullElse(text(exec, "installHint"), ""));
  }

  private static List<String> arguments(Entry user, Map<?, ?> exec) throws ClusterAccessException {
    List<String> arguments = new ArrayList<>();
    Object given = exec.get("args");
    if (given != null && !(given instanceof List<?>)) {
      throw user.flaw("users: exec: args", "a list");
    }
    for (Object one : given instanceof List<?> list ? list : List.of()) {
      arguments.add(String.valueOf(one));
    }
    return arguments;
  }

  private static Map<String, String> variables(Entry user, Map<?, ?> exec)
      throws ClusterAccessException {
    Map<String, String> variables = new LinkedHashMap<>();
    Object given = exec.get("env");
    if (given != null && !(given instanceof List<?>)) {
      throw user.flaw("users: exec: env", "a list of name and value");
    }
    for (Object one : given instanceof List<?> list ? list : List.of()) {
      String name = one instanceof Map<?, ?> map ? text(map, "name") : null;
      if (!(one instanceof Map<?, ?> map) || name == null || name.indexOf('=') >= 0) {
        throw user.flaw("users: exec: env", "a list of name and value");
      }
      variables.put(name, Objects.requireNonNullElse(text(map, "value"), ""));
    }
    return variables;
  }

  /** What the plug-in is told, by the variable that the interface says. */
  private static JsonObject info(
      Entry user, Map<?, ?> exec, String apiVersion, Entry cluster, Cluster read)
      throws ClusterAccessException {
    JsonObject spec = new JsonObject().put("interactive", false);
    if (Boolean.TRUE.equals(exec.get("provideClusterInfo"))) {
      spec.put("cluster", cluster(user, cluster, read));
    }
    return new JsonObject()
        .put("kind", "ExecCredential")
        .put("apiVersion", apiVersion)
        .put("spec", spec);
  }

  private static JsonObject cluster(Entry user, Entry entry, Cluster read)
      throws ClusterAccessException {
    JsonObject info = new JsonObject().put("server", read.server().toString());
    if (read.serverName() != null) {
      info.put("tls-server-name", read.serverName());
    }
    if (read.insecureSkipVerify()) {
      info.put("insecure-skip-tls-verify", true);
    }
    if (read.ca() != null) {
      byte[] pem = read.ca().getBytes(StandardCharsets.US_ASCII);
      info.put("certificate-authority-data", Base64.getEncoder().encodeToString(pem));
    }
    if (read.proxy() != null) {
      info.put("proxy-url", read.proxy().toString());
    }
    Object config = config(entry);
    if (config != null) {
      info.put("config", config);
    }
    try {
      return new JsonObject(info.encode()); // what YAML gave must be what JSON can have
    } catch (EncodeException e) {
      throw user.flaw("clusters: extensions", "what JSON can express");
    }
  }

  /** The extension of the cluster that is meant for plug-ins. */
  private static @Nullable Object config(Entry cluster) {
    if (cluster.value().get("extensions") instanceof List<?> extensions) {
      for (Object one : extensions) {
        if (one instanceof Map<?, ?> map
            && "client.authentication.k8s.io/exec".equals(map.get("name"))) {
          return map.get("extension");
        }
      }
    }
    return null;
  }

  private static @Nullable String text(Map<?, ?> owner, String key) {
    Object value = owner.get(key);
    return value == null || value.toString().isEmpty() ? null : value.toString();
  }

  /**
   * The file that is run: relative to the kubeconfig when the command has a slash, else in {@code
   * PATH}.
   *
   * @throws ClusterAccessException when there is none
   */
  Path executable() throws ClusterAccessException {
    if (command.indexOf('/') >= 0 || command.indexOf(File.separatorChar) >= 0) {
      return executable(List.of(directory.resolve(command)), "a program that can be run");
    }
    List<Path> places = new ArrayList<>();
    String path = environment.getOrDefault("PATH", "");
    for (String one : path.split(Pattern.quote(File.pathSeparator), -1)) {
      if (!one.isEmpty() && Path.of(one).isAbsolute()) {
        places.add(Path.of(one, command));
      }
    }
    return executable(places, "a program in PATH");
  }

  private Path executable(List<Path> places, String expected) throws ClusterAccessException {
    for (Path place : places) {
      if (Files.isRegularFile(place) && Files.isExecutable(place)) {
        return place;
      }
    }
    throw new ClusterAccessException(
        where + ": no such program",
        expected + (hint.isEmpty() ? "" : "; " + ExecRun.shown(hint, MAX_HINT_LENGTH)));
  }

  /** Runs it, for half a minute at most. */
  ExecCredential run() throws ClusterAccessException {
    return run(TIMEOUT);
  }

  ExecCredential run(Duration timeout) throws ClusterAccessException {
    List<String> words = new ArrayList<>();
    words.add(executable().toString());
    words.addAll(arguments);
    String printed = new ExecRun(where, words, environment, timeout).output();
    return ExecCredential.read(printed, where, apiVersion);
  }

  /** Without the environment and the arguments, which may hold secrets. */
  @Override
  public String toString() {
    return "ExecPlugin[" + command + "]";
  }
}
