"""Who may open the views of libraries, among them the admin: a reviewed table."""

# They cannot carry our decorator. Behind the door the admin asks the same table of each model.
FOREIGN_VIEWS = {
    "set_language": "foundation.access.PUBLIC",
    "account_login": "foundation.access.PUBLIC",
    "account_logout": "foundation.access.PUBLIC",
    "account_inactive": "foundation.access.PUBLIC",
    "account_signup": "foundation.access.PUBLIC",
    "account_email_verification_sent": "foundation.access.PUBLIC",
    "account_confirm_email": "foundation.access.PUBLIC",
    "account_reset_password": "foundation.access.PUBLIC",
    "account_reset_password_done": "foundation.access.PUBLIC",
    "account_reset_password_from_key": "foundation.access.PUBLIC",
    "account_reset_password_from_key_done": "foundation.access.PUBLIC",
    "account_confirm_login_code": "foundation.access.PUBLIC",
    "account_reauthenticate": "foundation.access.SIGNED_IN",
    "mfa_authenticate": "foundation.access.PUBLIC",
    "mfa_login_webauthn": "foundation.access.PUBLIC",
    "mfa_activate_totp": "foundation.access.SIGNED_IN",
    "mfa_add_webauthn": "foundation.access.SIGNED_IN",
    "mfa_edit_webauthn": "foundation.access.SIGNED_IN",
    "mfa_view_recovery_codes": "foundation.access.SIGNED_IN",
    "mfa_generate_recovery_codes": "foundation.access.SIGNED_IN",
    "account_email": "foundation.access.SIGNED_IN",
    "account_change_password": "foundation.access.SIGNED_IN",
    "account_set_password": "foundation.access.SIGNED_IN",
    "admin:login": "foundation.access.PUBLIC",
    "admin:index": "organisations.rights.WORKS_IN_ADMIN",
    "admin:app_list": "organisations.rights.WORKS_IN_ADMIN",
    "admin:jsi18n": "organisations.rights.WORKS_IN_ADMIN",
    "admin:": "foundation.access.IS_OPERATOR",
}
# What the staff of a body may list, open and act on in the admin, as far as it is their body's.
ADMIN_FOR_STAFF = (
    "certification_application",
    "certification_applicationreview",
    "certification_audittimecalculation",
    "certification_offer",
    "certification_case",
    "certification_decision",
    "certification_certificate",
    "certification_certificaterevision",
    "certification_certificateevent",
    "certification_evaluation",
    "certification_complaint",
    "certification_complaintentry",
    "certification_proposal",
    "certification_changereport",
    "audits_audit",
    "audits_finding",
    "audits_auditreport",
)
FOREIGN_VIEWS |= {
    f"admin:{model}_{page}": "organisations.rights.WORKS_IN_ADMIN"
    for model in ADMIN_FOR_STAFF
    for page in ("changelist", "change", "history")
}
