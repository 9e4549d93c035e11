package io.scopegate.gateway.importing;

import io.scopegate.config.YamlValue;
import io.scopegate.gateway.importing.GatewayTenant.Way;
import io.scopegate.gateway.importing.RbacFile.Permission;
import io.scopegate.gateway.importing.RbacFile.Subject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns rights into rules that apply to no more callers than before. There, a tenant's callers are
 * authenticated by that tenant's issuer alone, and the same name at two issuers is two people. Here
 * a rule knows a name. So names are told apart by what is put before them: a prefix for each
 * issuer, as soon as there is a second way to be known. No prefix begins another one, since each
 * ends with the only {@code :} in it.
 */
final class BoundRules {
  private static final String RESERVED = "system:";

  private final Map<String, GatewayTenant> tenants;
  private final Notes notes;
  private final Map<Issuer, String> prefixes = new LinkedHashMap<>();
  private final Map<Subject, Map<String, Set<Permission>>> granted = new LinkedHashMap<>();

  /**
   * A rule.
   *
   * @param subject with its prefix
   * @param tenants one or more
   * @param permissions one or both
   */
  record Rule(Subject subject, List<String> tenants, Set<Permission> permissions) {}

  BoundRules(Map<String, GatewayTenant> tenants, Notes notes) {
    this.tenants = tenants;
    this.notes = notes;
    givePrefixes();
  }

  private void givePrefixes() {
    Map<Issuer, String> firsts = new LinkedHashMap<>();
    boolean cluster = false;
    for (GatewayTenant tenant : tenants.values()) {
      Issuer issuer = tenant.issuer();
      if (issuer != null) {
        firsts.putIfAbsent(issuer, tenant.name());
      }
      cluster |= tenant.way() == Way.KUBERNETES;
    }
    boolean alone = firsts.size() == 1 && !cluster;
    Set<String> taken = new HashSet<>(tenants.keySet());
    firsts.forEach((issuer, name) -> prefixes.put(issuer, alone ? "" : prefix(name, taken)));
  }

  /** From the name of the first tenant, unless that begins what is Kubernetes'. */
  private static String prefix(String tenant, Set<String> taken) {
    String name = tenant;
    while (RESERVED.equals(name + ":") || name.length() > tenant.length() && !taken.add(name)) {
      name += "_";
    }
    return name + ":";
  }

  /** The issuers that tenants use, with what is put before their names. */
  Map<Issuer, String> prefixes() {
    return prefixes;
  }

  /** Takes one right, when its tenant can be called at all. */
  void grant(Subject subject, String tenantName, Set<Permission> permissions, YamlValue at) {
    GatewayTenant tenant = tenants.get(tenantName);
    if (tenant == null) {
      notes.add(at, "there is no tenant " + tenantName + "; ignored, as before.");
    } else if (tenant.rulesApply() && tenant.way() == Way.KUBERNETES) {
      ofCluster(subject, tenantName, permissions, at);
    } else if (tenant.rulesApply() && tenant.issuer() != null) {
      ofIssuer(subject, tenantName, tenant.issuer(), permissions, at);
    }
  }

  /** The cluster's names have no prefix; one that looks as if it had would be an issuer's. */
  private void ofCluster(
      Subject subject, String tenant, Set<Permission> permissions, YamlValue at) {
    if (prefixes.values().stream().anyMatch(subject.name()::startsWith)) {
      notes.add(
          at, subject.name() + " is left out: that prefix is reserved for an issuer's names here.");
    } else {
      keep(subject, tenant, permissions);
    }
  }

  private void ofIssuer(
      Subject subject, String tenant, Issuer issuer, Set<Permission> permissions, YamlValue at) {
    String name = prefixes.getOrDefault(issuer, "") + subject.name();
    if (subject.isGroup() && issuer.groupClaim() == null) {
      notes.add(
          at,
          "the group "
              + subject.name()
              + " has no right to "
              + tenant
              + ", whose callers have no groups without a groupClaim.");
    } else if (name.startsWith(RESERVED)) {
      notes.add(at, subject.name() + " is left out: such names are reserved for Kubernetes here.");
    } else {
      keep(new Subject(subject.isGroup(), name), tenant, permissions);
    }
  }

  private void keep(Subject subject, String tenant, Set<Permission> permissions) {
    granted
        .computeIfAbsent(subject, s -> new LinkedHashMap<>())
        .computeIfAbsent(tenant, t -> EnumSet.noneOf(Permission.class))
        .addAll(permissions);
  }

  /** All rules: for each subject one for all tenants with which it may the same. */
  List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    granted.forEach((subject, byTenant) -> {
      for (Set<Permission> permissions : new LinkedHashSet<>(byTenant.values())) {
        List<String> same =
            byTenant.keySet().stream().filter(t -> permissions.equals(byTenant.get(t))).toList();
        rules.add(new Rule(subject, same, permissions));
      }
    });
    return rules;
  }
}
