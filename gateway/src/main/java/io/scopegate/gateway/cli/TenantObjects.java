package io.scopegate.gateway.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What a tenant needs in a cluster, as YAML: accounts, rights, a token for Grafana, and the
 * configuration of its collector and its data source.
 *
 * @param tenant the tenant's name, as clients send it
 * @param namespace where its accounts are
 * @param mapping {@code authorization.mapping} of the gateway
 * @param gateway the gateway's host name
 */
record TenantObjects(String tenant, String namespace, Mapping mapping, String gateway) {
  private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9!_.*'()-]{1,150}");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]{1,253}");

  /** Which right a request needs; {@code custom} has no objects of its own. */
  enum Mapping {
    TEMPO_OPERATOR("tempo-operator"),
    NAMESPACED("namespaced");

    private final String key;

    Mapping(String key) {
      this.key = key;
    }

    static Mapping of(String key) {
      for (Mapping mapping : values()) {
        if (mapping.key.equals(key)) {
          return mapping;
        }
      }
      throw new IllegalArgumentException(
          "--mapping: " + key + " (expected: tempo-operator or namespaced)");
    }
  }

  /** Refuses names that Kubernetes or Tempo would not take. */
  TenantObjects {
    if (!TENANT.matcher(tenant).matches() || tenant.equals(".") || tenant.equals("..")) {
      throw new IllegalArgumentException(
          "tenant %s: letters, digits and !_.*'()- are allowed, 150 at most".formatted(tenant));
    }
    if (!LABEL.matcher(namespace).matches()) {
      throw new IllegalArgumentException(
          "namespace %s: Kubernetes allows small letters, digits and -; choose one with --namespace"
              .formatted(namespace));
    }
    if (mapping == Mapping.NAMESPACED && !LABEL.matcher(tenant).matches()) {
      throw new IllegalArgumentException(
          "tenant %s: with the mapping namespaced a tenant is a namespace, whose name has small letters, digits and -"
              .formatted(tenant));
    }
    if (!HOST.matcher(gateway).matches()) {
      throw new IllegalArgumentException("--gateway: " + gateway + " (expected: a host name)");
    }
  }

  /** The documents, for {@code kubectl apply -f -}. */
  String yaml() {
    String rights = right("create", "collector") + "---\n" + right("get", "grafana");
    return resource("tenant.yaml")
        .replace("@RIGHTS@\n", rights)
        .replace("@MAPPING@", mapping.key)
        .replace("@OPTIONS@", options())
        .replace("@GATEWAY@", gateway)
        .replace("@OBJECT@", object())
        .replace("@NAMESPACE@", namespace)
        .replace("@VALUE@", scalar())
        .replace("@TENANT@", tenant);
  }

  private String right(String verb, String account) {
    boolean cluster = mapping == Mapping.TEMPO_OPERATOR;
    return resource("tenant-rights.yaml")
        .replace("@SCOPE@", cluster ? "Cluster" : "")
        .replace("@IN@", cluster ? "" : "\n  namespace: " + tenant)
        .replace("@RESOURCE@", cluster ? scalar() : "traces")
        .replace("@VERB@", verb)
        .replace("@ACCOUNT@", account);
  }

  private String options() {
    return (namespace.equals(tenant) ? "" : "--namespace " + namespace + " ")
        + (mapping == Mapping.TEMPO_OPERATOR ? "" : "--mapping " + mapping.key + " ");
  }

  /** The tenant's name as a part of object names. */
  private String object() {
    String name = tenant.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    name = name.replaceAll("^-|-$", "");
    return name.isEmpty() ? "tenant" : name;
  }

  /** The tenant's name as a YAML text: a number or a date stays one. */
  private String scalar() {
    return "\"" + tenant + "\"";
  }

  private static String resource(String name) {
    try (InputStream in = TenantObjects.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
