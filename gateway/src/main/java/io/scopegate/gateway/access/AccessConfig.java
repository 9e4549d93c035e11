package io.scopegate.gateway.access;

/**
 * What of the configuration decides about a request's own side.
 *
 * @param basicPassword whether the password of Basic authentication is taken as a token
 * @param tenancy where the tenant is found
 * @param authorization what a tenant is to Kubernetes
 */
public record AccessConfig(
    boolean basicPassword, TenancyConfig tenancy, AuthorizationConfig authorization) {}
