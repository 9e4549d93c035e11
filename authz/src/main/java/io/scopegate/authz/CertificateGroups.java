package io.scopegate.authz;

/** Which names of a client certificate's subject are the groups. */
public enum CertificateGroups {
  /** Each O, as Kubernetes has it. */
  O,
  /** Each OU. */
  OU
}
